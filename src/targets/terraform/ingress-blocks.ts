import { eventTemplate, ingressDocument } from '../aws/ingress.ts';
import type { LambdaPlan } from '../aws/lambda-plan.ts';
import { type Block, expression, resource } from './hcl.ts';
import { resourceName } from './resource-name.ts';
import { trustPolicy } from './trust-policy.ts';

/** The HTTP API, and the role with which the API invokes functions. */
export function ingressBlocks(plan: LambdaPlan): readonly Block[] {
  return [...invokeRole(plan), apiDocument(plan), ...apiGateway()];
}

function invokeRole({ routes }: LambdaPlan): readonly Block[] {
  const routed = [...new Set(routes.map((route) => route.function))];
  return [
    resource('aws_iam_role', 'api', {
      name: expression('"${var.name_prefix}${var.stage}-api"'),
      assume_role_policy: trustPolicy('apigateway.amazonaws.com'),
    }),
    resource('aws_iam_role_policy', 'api', {
      name: 'invoke',
      role: expression('aws_iam_role.api.id'),
      policy: expression(`jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = ["lambda:InvokeFunction"]
      Resource = [
${routed.map((fn) => `        aws_lambda_function.${resourceName(fn)}.arn,`).join('\n')}
      ]
    }]
  })`),
    }),
  ];
}

/** The OpenAPI document as a local value, because the API and its deployment both read it. */
function apiDocument({ routes }: LambdaPlan): Block {
  return {
    type: 'locals',
    attributes: {
      event_template_base64: eventTemplate('base64'),
      event_template_text: eventTemplate('text'),
      api_document: ingressDocument(routes, {
        eventTemplate: (form) => expression(`local.event_template_${form}`),
        title: expression('"${var.name_prefix}${var.stage}"'),
        invokeRoleArn: expression('aws_iam_role.api.arn'),
        invocationUri: (fn) => expression(`aws_lambda_function.${resourceName(fn)}.invoke_arn`),
      }),
    },
  };
}

function apiGateway(): readonly Block[] {
  return [
    resource(
      'aws_api_gateway_rest_api',
      'api',
      {
        name: expression('"${var.name_prefix}${var.stage}"'),
        body: expression('jsonencode(local.api_document)'),
      },
      [{ type: 'endpoint_configuration', attributes: { types: ['REGIONAL'] } }],
    ),
    resource(
      'aws_api_gateway_deployment',
      'api',
      {
        rest_api_id: expression('aws_api_gateway_rest_api.api.id'),
        triggers: { document: expression('sha256(jsonencode(local.api_document))') },
      },
      [{ type: 'lifecycle', attributes: { create_before_destroy: true } }],
    ),
    resource('aws_api_gateway_stage', 'api', {
      rest_api_id: expression('aws_api_gateway_rest_api.api.id'),
      deployment_id: expression('aws_api_gateway_deployment.api.id'),
      stage_name: expression('var.stage'),
    }),
  ];
}
