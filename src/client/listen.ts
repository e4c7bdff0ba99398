/** Hears events of these names at a target, until the function it returns is called. */
export const listen = <E extends Event>(
  target: EventTarget,
  names: string,
  heard: (event: E) => void,
  options?: AddEventListenerOptions,
): (() => void) => {
  const all = names.split(' ');
  for (const name of all) target.addEventListener(name, heard as (event: Event) => void, options);
  return () => {
    for (const name of all) target.removeEventListener(name, heard as (event: Event) => void, options);
  };
};
