import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type GuichetClient, type ItemFile, listen, type ThreadItem } from '../../src/client/index.ts';
import type { common } from './i18n/en/common.ts';
import { FileIcon } from './icons.tsx';

interface FileListProps {
  client: GuichetClient;
  conversationId: string;
  item: ThreadItem;
  words: typeof common;
}

/** In CSS pixels: an image keeps its shape and is never shown larger than this, nor than it is. */
const WIDTH_MAX = 260;
const HEIGHT_MAX = 220;
/** A page that was given a content needs a moment to take it. */
const GIVEN_MS = 60_000;

/** The files of a message: images as they look, all else by name and size. */
export const FileList = (props: FileListProps): JSX.Element => {
  const { client, item, words } = props;
  const share = client.files.progress(item.id);
  return (
    <div class="files">
      {item.files.map((file, index) => (
        <OneFile key={index} {...props} file={file} />
      ))}
      {share !== undefined && (
        <progress class="progress" max={1} value={share} aria-label={words.uploading(Math.round(share * 100))} />
      )}
    </div>
  );
};

type OneFileProps = FileListProps & { file: ItemFile };

/** Where the content is: here already, or on the server. */
const contentOf = ({ client, conversationId, item, file }: OneFileProps): Promise<Blob> =>
  file.blob
    ? Promise.resolve(file.blob)
    : client.files.read(conversationId, file as ItemFile & { id: string }, item.message?.seq ?? 0);

const OneFile = (props: OneFileProps): JSX.Element => {
  const { file, words } = props;
  const [failed, setFailed] = useState(false);
  const isImage = file.width !== undefined && file.height !== undefined;
  const get = async (): Promise<void> => {
    setFailed(false);
    try {
      give(await contentOf(props), file.name, isImage);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <button
        type="button"
        class={isImage ? 'picture' : 'file'}
        aria-label={(isImage ? words.showImage : words.download)(file.name)}
        title={file.name}
        onClick={() => void get()}
      >
        {isImage ? (
          <Picture {...props} />
        ) : (
          <>
            <FileIcon />
            <span class="file-name" dir="auto">
              {file.name}
            </span>
            <span class="file-size count">{words.size(file.size)}</span>
          </>
        )}
      </button>
      {failed && (
        <span class="file-failed" role="alert">
          {words.fileFailed}
        </span>
      )}
    </>
  );
};

/**
 * Drawn on a canvas, in a place that has its size before the content is there: nothing moves, and a page whose policy
 * allows images from nowhere needs to allow nothing for it.
 */
const Picture = (props: OneFileProps): JSX.Element => {
  const { file, words } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [fullWidth, fullHeight] = [file.width ?? 1, file.height ?? 1];
  const scale = Math.min(1, WIDTH_MAX / fullWidth, HEIGHT_MAX / fullHeight);
  // An icon of a few pixels must still be something one can click.
  const [width, height] = [fullWidth, fullHeight].map((side) => Math.max(24, Math.round(side * scale))) as [
    number,
    number,
  ];
  useEffect(() => {
    let over = false;
    const draw = async (): Promise<void> => {
      const image = await createImageBitmap(await contentOf(props));
      const { current: place } = canvas;
      if (over || !place) return;
      const dense = Math.min(devicePixelRatio || 1, 2);
      place.width = width * dense;
      place.height = height * dense;
      place.getContext('2d')!.drawImage(image, 0, 0, place.width, place.height);
      place.classList.add('drawn');
      image.close();
    };
    setFailed(false);
    draw().catch(() => setFailed(!over));
    return () => {
      over = true;
    };
  }, [file.id ?? file.blob, attempt]);
  // A connection that came back is worth another try; so is a click, which asks for the content as well.
  useEffect(() => {
    if (failed) return listen(window, 'online', () => setAttempt((count) => count + 1));
    return undefined;
  }, [failed]);
  return (
    <>
      <canvas ref={canvas} style={{ width: `${width}px`, aspectRatio: `${width} / ${height}` }} />
      {failed && <span class="file-failed">{words.fileFailed}</span>}
    </>
  );
};

/** Images open beside the page; everything else is saved. Nothing of it runs: an image holds no script. */
const give = (content: Blob, name: string, isImage: boolean): void => {
  const url = URL.createObjectURL(content);
  setTimeout(() => URL.revokeObjectURL(url), GIVEN_MS);
  if (isImage) {
    open(url, '_blank', 'noopener');
    return;
  }
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
};
