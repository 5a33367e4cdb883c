import path from 'node:path';
import { Argument, Command } from 'commander';
import pc from 'picocolors';
import { readManifest } from '../../manifest/read.ts';
import { deployToLambda, type FunctionDeployment } from '../../targets/aws/lambda-deploy.ts';
import { planLambda } from '../../targets/aws/lambda-plan.ts';
import { jsonDocument } from '../output/json.ts';
import { renderPlanWarnings } from '../output/render-plan-warnings.ts';

interface DeployFlags {
  readonly role?: string;
  readonly deadLetter?: string;
  readonly namePrefix: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `bgfn deploy aws`: creates and updates the Lambda functions themselves, without a template. */
export function deployCommand(): Command {
  return new Command('deploy')
    .description('create and update the functions on AWS Lambda')
    .addArgument(new Argument('<target>', 'where to').choices(['aws']))
    .argument('[artifactsDir]', 'where the manifest is', '.netlify/functions')
    .option('--role <arn>', 'the role the functions run under; needed for new ones')
    .option('--dead-letter <arn>', 'the queue or topic that gets events whose last attempt failed')
    .option('--name-prefix <text>', 'put before every function name', '')
    .option('--dry-run', 'only say what would change')
    .option('--json', 'print a JSON document')
    .action(async (_target: string, artifactsDirectory: string, flags: DeployFlags) => {
      const directory = path.resolve(artifactsDirectory);
      const plan = planLambda(await readManifest(directory));
      process.stderr.write(renderPlanWarnings(plan.warnings));
      const results = await deployToLambda(plan, {
        artifactsDirectory: directory,
        namePrefix: flags.namePrefix,
        dryRun: flags.dryRun === true,
        roleArn: flags.role,
        deadLetterArn: flags.deadLetter,
        onResult: flags.json === true ? undefined : printResult,
      });
      if (flags.json === true) {
        process.stdout.write(jsonDocument({ dryRun: flags.dryRun === true, functions: results }));
      } else {
        printSummary(results, flags.dryRun === true);
      }
    });
}

function printResult({ functionName, changes }: FunctionDeployment): void {
  if (changes.length === 0) {
    process.stdout.write(`${pc.dim('=')} ${functionName}\n`);
    return;
  }
  const created = changes.some((change) => change.kind === 'create');
  process.stdout.write(`${created ? pc.green('+') : pc.yellow('~')} ${functionName}\n`);
  for (const change of changes) {
    for (const { what, from, to } of change.differences) {
      process.stdout.write(`    ${what}: ${from === '(none)' ? to : `${from} → ${to}`}\n`);
    }
  }
}

function printSummary(results: readonly FunctionDeployment[], dryRun: boolean): void {
  const created = results.filter(({ changes }) =>
    changes.some((change) => change.kind === 'create'),
  ).length;
  const changed = results.filter(({ changes }) => changes.length > 0).length - created;
  const verb = dryRun ? 'would be ' : '';
  process.stderr.write(
    `${verb}created ${created}, ${verb}changed ${changed}, unchanged ${results.length - created - changed}\n`,
  );
}
