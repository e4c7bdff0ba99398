/** One system call as a tracer saw it begin or end. A call that nothing interrupted gives both at once. */
export interface TraceEvent {
  readonly phase: 'begin' | 'end';
  readonly name: string;
  /** What the file descriptor stands for: a path, or `TCP:[...]`; undefined when the call has none. */
  readonly target: string | undefined;
  /** Everything between the brackets, data included. */
  readonly args: string;
  /** Only at the end. */
  readonly result: number | undefined;
}

const WHOLE = /^(\w+)\((.*)\)\s+= (-?\d+)/s;
const BEGUN = /^(\w+)\((.*) <unfinished \.\.\.>$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>.*\)\s+= (-?\d+)/s;
const TARGET = /^\d+<(.*?)>(?:,|$)/;

/**
 * Reads what `strace -f -yy -o FILE` wrote, in the order in which the kernel let the calls through: a thread goes on
 * only after its line is written, so an end in front of a begin happened before it.
 */
export const readTrace = (text: string): TraceEvent[] => {
  const open = new Map<string, { name: string; args: string; target: string | undefined }>();
  const events: TraceEvent[] = [];
  for (const line of text.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const whole = WHOLE.exec(rest);
    const begun = whole ? null : BEGUN.exec(rest);
    const resumed = RESUMED.exec(rest);
    const [, name, args] = whole ?? begun ?? [];
    if (name !== undefined && args !== undefined) {
      const call = { name, args, target: TARGET.exec(args)?.[1] };
      events.push({ phase: 'begin', ...call, result: undefined });
      if (whole) events.push({ phase: 'end', ...call, result: Number(whole[3]) });
      else open.set(thread, call);
    } else if (resumed) {
      const call = open.get(thread);
      open.delete(thread);
      if (call && call.name === resumed[1]) events.push({ phase: 'end', ...call, result: Number(resumed[2]) });
    }
  }
  return events;
};
