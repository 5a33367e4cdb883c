import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Argument, Command } from 'commander';
import pc from 'picocolors';
import { readManifest } from '../../manifest/read.ts';
import { planLambda } from '../../targets/aws/lambda-plan.ts';
import type { PackageTarget } from '../../targets/package-target.ts';
import { samTarget } from '../../targets/sam/sam-target.ts';
import { terraformTarget } from '../../targets/terraform/terraform-target.ts';
import { jsonLine } from '../output/json.ts';
import { renderPlanWarnings } from '../output/render-plan-warnings.ts';

/**
 * Every target of `bgfn package`, by its name on the command line. A new target is a folder in
 * `targets/` and a line here.
 */
const packageTargets = {
  sam: samTarget,
  terraform: terraformTarget,
} as const satisfies Readonly<Record<string, PackageTarget>>;

type TargetName = keyof typeof packageTargets;

interface PackageFlags {
  readonly env: readonly string[];
  readonly json?: boolean;
}

/**
 * `bgfn package <sam|terraform>`: writes infrastructure files beside the artifacts, from the
 * manifest.
 */
export function packageCommand(): Command {
  const targetArgument = new Argument('<target>', 'what reads them');
  return new Command('package')
    .description('write infrastructure files for AWS Lambda beside the artifacts')
    .addArgument(targetArgument.choices(Object.keys(packageTargets)))
    .argument('[artifactsDir]', 'where the manifest is', '.netlify/functions')
    .option(
      '--env <names...>',
      'environment variables of the functions, whose values become parameters of the SAM template',
      [],
    )
    .option('--json', 'print a JSON document: the file and the warnings')
    .action((targetName: TargetName, artifactsDirectory: string, flags: PackageFlags) =>
      writePackageFile(packageTargets[targetName], artifactsDirectory, flags),
    );
}

async function writePackageFile(
  target: PackageTarget,
  artifactsDirectory: string,
  flags: PackageFlags,
): Promise<void> {
  target.checkEnvironment(flags.env);
  const plan = planLambda(await readManifest(path.resolve(artifactsDirectory)));
  const file = path.join(artifactsDirectory, target.fileName);
  await writeFile(file, target.render(plan, flags.env));
  process.stderr.write(renderPlanWarnings(plan.warnings));
  process.stdout.write(
    flags.json === true ? jsonLine({ file, warnings: plan.warnings }) : `${file}\n`,
  );
  process.stderr.write(`${pc.dim('next:')} ${target.deployCommand(artifactsDirectory)}\n`);
}
