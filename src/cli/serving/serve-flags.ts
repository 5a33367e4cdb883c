/** Flags that `bgfn serve` and `bgfn dev` have in common. */
export interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly concurrency: number;
  readonly adminPort: number | 'auto' | 'off';
  readonly adminHost: string;
  readonly retryDelays?: readonly number[];
  readonly dotenv?: readonly string[];
  readonly drainTimeout: number;
  readonly keepLogs: number;
  readonly keepEnded: number;
  readonly keepFailed: number;
  readonly trustProxy?: boolean;
  readonly json?: boolean;
}
