import type { JSX } from 'preact';
import type { OutboxFile } from '../../src/client/index.ts';
import type { common } from './i18n/en/common.ts';
import { CloseIcon, FileIcon } from './icons.tsx';

/** Files chosen for the next message, each of which can be taken away again. */
export const ComposerFiles = ({
  files,
  words,
  onRemove,
}: {
  files: readonly OutboxFile[];
  words: typeof common;
  onRemove: (file: OutboxFile) => void;
}): JSX.Element => (
  <ul class="chosen">
    {files.map((file) => (
      <li class="file">
        <FileIcon />
        <span class="file-name" dir="auto">
          {file.name}
        </span>
        <span class="file-size count">{words.size(file.size)}</span>
        <button
          type="button"
          class="icon-button"
          aria-label={words.removeFile(file.name)}
          title={words.removeFile(file.name)}
          onClick={() => onRemove(file)}
        >
          <CloseIcon />
        </button>
      </li>
    ))}
  </ul>
);
