import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Argument, Command } from 'commander';
import pc from 'picocolors';
import { stringify } from 'yaml';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { readManifest } from '../../manifest/read.ts';
import { type Deployment, planDeployment } from '../../targets/aws/lambda-plan.ts';
import { samTemplate } from '../../targets/sam/sam-template.ts';
import { terraformModule } from '../../targets/terraform/terraform-module.ts';

const targets = {
  sam: {
    file: 'template.yaml',
    render: (deployment: Deployment, environment: readonly string[]): string =>
      stringify(samTemplate(deployment, environment), {
        aliasDuplicateObjects: false,
        lineWidth: 0,
        version: '1.1',
      }),
    next: (directory: string): string =>
      `sam deploy --guided --template-file ${path.join(directory, 'template.yaml')} --capabilities CAPABILITY_IAM`,
  },
  terraform: {
    file: 'main.tf',
    // It has a variable that takes any environment.
    render: (deployment: Deployment): string => terraformModule(deployment),
    next: (directory: string): string =>
      `terraform -chdir=${directory} init && terraform -chdir=${directory} apply`,
  },
} as const;

/**
 * `bgfn package <sam|terraform>`: writes infrastructure files beside the artifacts, from the
 * manifest.
 */
export function packageCommand(): Command {
  return new Command('package')
    .description('write infrastructure files for AWS Lambda beside the artifacts')
    .addArgument(new Argument('<target>', 'what reads them').choices(Object.keys(targets)))
    .argument('[artifactsDir]', 'where the manifest is', '.netlify/functions')
    .option(
      '--env <names...>',
      'environment variables of the functions, whose values become parameters of the SAM template',
      [],
    )
    .option('--json', 'print a JSON document: the file and the warnings')
    .action(
      async (
        name: keyof typeof targets,
        artifactsDirectory: string,
        flags: { readonly env: readonly string[]; readonly json?: boolean },
      ) => {
        checkEnvironment(name, flags.env);
        const deployment = planDeployment(await readManifest(path.resolve(artifactsDirectory)));
        const target = targets[name];
        const file = path.join(artifactsDirectory, target.file);
        await writeFile(file, target.render(deployment, flags.env));
        printWarnings(deployment);
        process.stdout.write(
          flags.json === true
            ? `${JSON.stringify({ file, warnings: deployment.warnings })}\n`
            : `${file}\n`,
        );
        process.stderr.write(`${pc.dim('next:')} ${target.next(artifactsDirectory)}\n`);
      },
    );
}

/** @throws BgfnError kind `usage` */
function checkEnvironment(target: keyof typeof targets, names: readonly string[]): void {
  const wrong = names.find((name) => !/^[A-Za-z]\w*$/.test(name) || name.startsWith('AWS_'));
  if (wrong !== undefined) {
    throw new BgfnError(
      'ENVIRONMENT_NAME_INVALID',
      `"${wrong}" cannot be set on AWS Lambda: a name has letters, digits and "_", and does not begin with "AWS_".`,
      { kind: 'usage', hint: 'Give names alone, without values: --env STRIPE_KEY SMTP_URL.' },
    );
  }
  if (target === 'terraform' && names.length > 0) {
    throw new BgfnError(
      'ENVIRONMENT_IS_A_VARIABLE',
      'The Terraform module takes any environment variables as they are.',
      {
        kind: 'usage',
        hint: `Set its variable: terraform apply -var 'environment={${names.map((name) => `${name}="…"`).join(', ')}}'.`,
      },
    );
  }
}

/** What AWS cannot do as the functions ask for it, to stderr. */
export function printWarnings(deployment: Deployment): void {
  for (const warning of deployment.warnings) {
    process.stderr.write(
      `${pc.yellow('warning')} ${warning.message}${warning.hint === undefined ? '' : ` ${pc.dim(warning.hint)}`}\n`,
    );
  }
}
