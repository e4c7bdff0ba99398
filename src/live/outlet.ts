/** The sending half of one connection, as follows see it. */
export interface Outlet {
  /** Sends one frame; never throws. Frames of one turn leave in one write. */
  send(frame: string): void;
  /** More is waiting to be sent than a reader that keeps up would leave. */
  readonly congested: boolean;
  readonly closed: boolean;
  /** Resolves when it is not congested any more, or closed. */
  drained(): Promise<void>;
}
