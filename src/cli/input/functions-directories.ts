import { Argument, Option } from 'commander';

/** The argument `[dir...]` of the commands that read the sources of functions. */
export function functionsDirectoriesArgument(): Argument {
  return new Argument(
    '[dir...]',
    'functions directories (default: what netlify.toml says, else netlify/functions)',
  );
}

/** The flag `--config` of the same commands. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'instead of netlify.toml');
}
