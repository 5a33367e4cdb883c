import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Argument, Command } from 'commander';
import pc from 'picocolors';
import { stringify } from 'yaml';
import { type Deployment, planDeployment } from '../deploy/aws/deployment.ts';
import { samTemplate } from '../deploy/sam/sam-template.ts';
import { terraformModule } from '../deploy/terraform/terraform-module.ts';
import { readManifest } from '../manifest/read.ts';

const targets = {
  sam: {
    file: 'template.yaml',
    render: (deployment: Deployment): string => stringify(samTemplate(deployment), { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' }),
    next: (directory: string): string => `sam deploy --guided --template-file ${path.join(directory, 'template.yaml')} --capabilities CAPABILITY_IAM`,
  },
  terraform: {
    file: 'main.tf',
    render: terraformModule,
    next: (directory: string): string => `terraform -chdir=${directory} init && terraform -chdir=${directory} apply`,
  },
} as const;

/** `bgfn package <sam|terraform>`: writes infrastructure files beside the artifacts, from the manifest. */
export function packageCommand(): Command {
  return new Command('package')
    .description('write infrastructure files for AWS Lambda beside the artifacts')
    .addArgument(new Argument('<target>', 'what reads them').choices(Object.keys(targets)))
    .argument('[artifactsDir]', 'where the manifest is', '.netlify/functions')
    .action(async (name: keyof typeof targets, artifactsDirectory: string) => {
      const deployment = planDeployment(await readManifest(path.resolve(artifactsDirectory)));
      const target = targets[name];
      const file = path.join(artifactsDirectory, target.file);
      await writeFile(file, target.render(deployment));
      printWarnings(deployment);
      process.stdout.write(`${file}\n`);
      process.stderr.write(`${pc.dim('next:')} ${target.next(artifactsDirectory)}\n`);
    });
}

/** What AWS cannot do as the functions ask for it, to stderr. */
export function printWarnings(deployment: Deployment): void {
  for (const warning of deployment.warnings) {
    process.stderr.write(`${pc.yellow('warning')} ${warning.message}${warning.hint === undefined ? '' : ` ${pc.dim(warning.hint)}`}\n`);
  }
}
