import type { LambdaPlan } from './aws/lambda-plan.ts';

/** An infrastructure tool that `bgfn package` writes a file for. */
export interface PackageTarget {
  /** Name of the file, which is written beside the artifacts. */
  readonly fileName: string;
  /**
   * Checks the names of environment variables given with `--env`, before the manifest is read.
   *
   * @throws {BgfnError} Of kind `usage`
   */
  readonly checkEnvironment: (names: readonly string[]) => void;
  /**
   * Text of the file.
   *
   * @param environment Names of variables that every function gets
   * @throws {BgfnError} `AWS_ZIP_TOO_LARGE`, when the tool cannot upload a zip of this size
   */
  readonly render: (plan: LambdaPlan, environment: readonly string[]) => string;
  /** The shell command that deploys the file, for a person to run next. */
  readonly deployCommand: (artifactsDirectory: string) => string;
}
