import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { listen } from '../../src/client/index.ts';

/** Lets files be dropped anywhere on what surrounds an element; answers whether some are being held over it. */
export const useFileDrop = (
  inside: RefObject<HTMLElement | null>,
  onFiles: ((files: readonly File[]) => void) | undefined,
): boolean => {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const zone = inside.current?.parentElement;
    if (!zone || !onFiles) return;
    return listen(zone, 'dragover dragleave drop', (event: DragEvent) => {
      const { type, dataTransfer } = event;
      if (type === 'dragleave') {
        if (!zone.contains(event.relatedTarget as Node | null)) setOver(false);
        return;
      }
      const isOver = type === 'dragover';
      const files = [...(dataTransfer?.files ?? [])];
      if (!isOver) setOver(false);
      // While they are held over it their names are not told yet.
      if (isOver ? !dataTransfer?.types.includes('Files') : files.length === 0) return;
      event.preventDefault();
      if (isOver) setOver(true);
      else onFiles(files);
    });
  });
  return over;
};
