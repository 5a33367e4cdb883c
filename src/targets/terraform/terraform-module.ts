import type { LambdaPlan } from '../aws/lambda-plan.ts';
import { functionBlocks } from './function-blocks.ts';
import { type Block, expression, renderHcl, resource } from './hcl.ts';
import { ingressBlocks } from './ingress-blocks.ts';
import { variables } from './variables.ts';

/** The text of `main.tf`, a module in the directory of the zips, which it names by `path.module`. */
export function terraformModule(plan: LambdaPlan): string {
  return renderHcl([
    {
      type: 'terraform',
      attributes: { required_version: '>= 1.5' },
      blocks: [
        {
          type: 'required_providers',
          attributes: { aws: { source: 'hashicorp/aws', version: '>= 5.0' } },
        },
      ],
    },
    ...variables(),
    resource('aws_sqs_queue', 'dead_letter', {
      name: expression('"${var.name_prefix}${var.stage}-dead-letter"'),
      message_retention_seconds: 1_209_600,
      sqs_managed_sse_enabled: true,
    }),
    ...plan.functions.flatMap(functionBlocks),
    ...ingressBlocks(plan),
    output('url', 'Where the functions answer', 'aws_api_gateway_stage.api.invoke_url'),
    output(
      'dead_letter_queue_url',
      'Events whose last attempt failed',
      'aws_sqs_queue.dead_letter.url',
    ),
  ]);
}

function output(name: string, description: string, value: string): Block {
  return { type: 'output', labels: [name], attributes: { description, value: expression(value) } };
}
