import path from 'node:path';
import { stringify } from 'yaml';
import { checkEnvironmentNames } from '../aws/environment-names.ts';
import type { PackageTarget } from '../package-target.ts';
import { samTemplate } from './sam-template.ts';

const fileName = 'template.yaml';

/** A template for the AWS SAM CLI, which deploys with CloudFormation. */
export const samTarget: PackageTarget = {
  fileName,
  checkEnvironment: checkEnvironmentNames,
  render: (plan, environment) =>
    stringify(samTemplate(plan, environment), {
      aliasDuplicateObjects: false,
      lineWidth: 0,
      version: '1.1',
    }),
  deployCommand: (artifactsDirectory) =>
    `sam deploy --guided --template-file ${path.join(artifactsDirectory, fileName)} --capabilities CAPABILITY_IAM`,
};
