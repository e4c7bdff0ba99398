import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from './needs.ts';
import { findProgram } from './programs.ts';
import { tempDir } from './temp-dir.ts';
import { until } from './until.ts';

/** One system call as a tracer saw it begin or end. A call that nothing interrupted gives both at once. */
export interface TraceEvent {
  readonly phase: 'begin' | 'end';
  readonly name: string;
  /** What the file descriptor stands for: a path, or `TCP:[...]`; undefined when the call has none. */
  readonly target: string | undefined;
  /** Everything between the brackets, data included. */
  readonly args: string;
  /** Only at the end: a call in which its process was killed has none. */
  readonly result: number | undefined;
}

/** With `?` as the result of what its process did not live to see: it may have done its work all the same. */
const WHOLE = /^(\w+)\((.*)\)\s+= (-?\d+|\?)/s;
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
      if (!whole) open.set(thread, call);
      else if (whole[3] !== '?') events.push({ phase: 'end', ...call, result: Number(whole[3]) });
    } else if (resumed) {
      const call = open.get(thread);
      open.delete(thread);
      if (call && call.name === resumed[1]) events.push({ phase: 'end', ...call, result: Number(resumed[2]) });
    }
  }
  return events;
};

/** A tracer of the processes that run under it. */
export interface Tracer {
  /** Program and arguments to put in front of a command; the command stays the child of whoever starts it. */
  readonly wrapper: readonly string[];
  /** What it has written so far. */
  sofar(): string;
  /** All it wrote of a process that has ended, once it is there: a tracer ends a moment after what it watches. */
  whole(pid: number): Promise<string>;
}

/**
 * A tracer with a file of its own.
 * @param calls names of the system calls to watch, with commas between them
 * @param inject what the kernel is told to do to them, in the words of strace
 * @returns undefined where there is none: the test is skipped then, and should return at once
 */
export const startTracer = (t: TestContext, calls: string, inject?: string): Tracer | undefined => {
  const strace = needs(
    t,
    process.platform === 'linux' ? findProgram('strace') : undefined,
    'strace is missing: apt-get install strace',
  );
  if (!strace) return undefined;
  const file = join(tempDir(t), 'trace');
  const sofar = () => readFileSync(file, 'utf8');
  return {
    // -D keeps what is traced our own child; -s keeps whole batches, so that every id is in the trace.
    wrapper: [
      ...[strace, '-D', '-f', '-yy', '-s', '1048576', '-e', `trace=${calls}`],
      ...(inject ? ['-e', `inject=${inject}`] : []),
      ...['-o', file],
    ],
    sofar,
    whole: async (pid) => {
      const last = new RegExp(`^${pid} +\\+\\+\\+ (?:killed|exited) `, 'm');
      await until(() => last.test(sofar()));
      return sofar();
    },
  };
};
