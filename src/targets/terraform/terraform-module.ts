import { eventTemplate, ingressDocument } from '../aws/ingress.ts';
import type { DeployedFunction, Deployment } from '../aws/lambda-plan.ts';
import { scheduleInput } from '../aws/schedule-input.ts';
import { type Block, expression, renderHcl } from './hcl.ts';

/** The text of `main.tf`: a module that stands beside the zips and names them by `path.module`. */
export function terraformModule(deployment: Deployment): string {
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
    {
      type: 'resource',
      labels: ['aws_sqs_queue', 'dead_letter'],
      attributes: {
        name: expression('"${var.name_prefix}${var.stage}-dead-letter"'),
        message_retention_seconds: 1_209_600,
        sqs_managed_sse_enabled: true,
      },
    },
    ...deployment.functions.flatMap(functionBlocks),
    ...ingressBlocks(deployment),
    output('url', 'Where the functions answer', 'aws_api_gateway_stage.api.invoke_url'),
    output(
      'dead_letter_queue_url',
      'Events whose last attempt failed',
      'aws_sqs_queue.dead_letter.url',
    ),
  ]);
}

function variables(): readonly Block[] {
  return [
    checked(
      variable(
        'stage',
        'string',
        'production',
        'Stage of the HTTP API; part of every function name',
      ),
      'can(regex("^[A-Za-z0-9_]{1,11}$", var.stage))',
      'Up to 11 letters, digits and underscores.',
    ),
    checked(
      variable('name_prefix', 'string', '', 'Put before every function name'),
      'can(regex("^[A-Za-z0-9_-]{0,12}$", var.name_prefix))',
      'Up to 12 letters, digits, hyphens and underscores.',
    ),
    variable('log_retention_days', 'number', 30, 'How long logs are kept'),
    variable(
      'on_success_destination_arn',
      'string',
      '',
      'Queue, topic, bus or function that gets the outcome of successful background invocations',
    ),
    variable('on_failure_destination_arn', 'string', '', 'The same for failed ones'),
    variable('environment', 'map(string)', {}, 'Environment variables of every function'),
  ];
}

function variable(name: string, type: string, initial: unknown, description: string): Block {
  return {
    type: 'variable',
    labels: [name],
    attributes: { description, type: expression(type), default: initial },
  };
}

function checked(block: Block, condition: string, message: string): Block {
  return {
    ...block,
    blocks: [
      {
        type: 'validation',
        attributes: { condition: expression(condition), error_message: message },
      },
    ],
  };
}

function functionBlocks(fn: DeployedFunction): readonly Block[] {
  const id = resourceName(fn);
  const name = expression(`"\${var.name_prefix}\${var.stage}-${fn.awsName}"`);
  const asynchronous = fn.background || fn.scheduleExpression !== undefined;
  return [
    {
      type: 'resource',
      labels: ['aws_cloudwatch_log_group', id],
      attributes: {
        name: expression(`"/aws/lambda/\${var.name_prefix}\${var.stage}-${fn.awsName}"`),
        retention_in_days: expression('var.log_retention_days'),
      },
    },
    {
      type: 'resource',
      labels: ['aws_iam_role', id],
      attributes: { name, assume_role_policy: trust('lambda.amazonaws.com') },
    },
    {
      type: 'resource',
      labels: ['aws_iam_role_policy', id],
      attributes: {
        name: 'function',
        role: expression(`aws_iam_role.${id}.id`),
        policy: expression(functionPolicy(fn, asynchronous)),
      },
    },
    {
      type: 'resource',
      labels: ['aws_lambda_function', id],
      attributes: {
        function_name: name,
        filename: expression(`"\${path.module}/${fn.zipFile}"`),
        source_code_hash: expression(`filebase64sha256("\${path.module}/${fn.zipFile}")`),
        handler: fn.handler,
        runtime: fn.runtime,
        architectures: [fn.architecture],
        timeout: fn.timeoutSeconds,
        memory_size: fn.memoryMb,
        role: expression(`aws_iam_role.${id}.arn`),
        depends_on: [
          expression(`aws_cloudwatch_log_group.${id}`),
          expression(`aws_iam_role_policy.${id}`),
        ],
      },
      blocks: [
        ...(asynchronous
          ? [
              {
                type: 'dead_letter_config',
                attributes: { target_arn: expression('aws_sqs_queue.dead_letter.arn') },
              },
            ]
          : []),
        {
          type: 'dynamic',
          labels: ['environment'],
          attributes: {
            for_each: expression('length(var.environment) == 0 ? [] : [var.environment]'),
          },
          blocks: [{ type: 'content', attributes: { variables: expression('environment.value') } }],
        },
      ],
    },
    ...(fn.background ? [eventInvokeConfig(fn)] : []),
    ...(fn.scheduleExpression === undefined ? [] : scheduleBlocks(fn)),
  ];
}

function functionPolicy(fn: DeployedFunction, asynchronous: boolean): string {
  const id = resourceName(fn);
  return `jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["\${aws_cloudwatch_log_group.${id}.arn}:*"]
      }],${
        asynchronous
          ? `
      [{
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [aws_sqs_queue.dead_letter.arn]
      }],`
          : ''
      }${fn.background ? `${deliver('on_success_destination_arn')}${deliver('on_failure_destination_arn')}` : ''}
    )
  })`;
}

/** The permission to hand an outcome on, when a variable names where to. */
function deliver(arnVariable: string): string {
  return `
      var.${arnVariable} == "" ? [] : [{
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction"]
        Resource = [var.${arnVariable}]
      }],`;
}

function eventInvokeConfig(fn: DeployedFunction): Block {
  const id = resourceName(fn);
  return {
    type: 'resource',
    labels: ['aws_lambda_function_event_invoke_config', id],
    attributes: {
      function_name: expression(`aws_lambda_function.${id}.function_name`),
      maximum_retry_attempts: fn.maxRetries,
      maximum_event_age_in_seconds: fn.maxEventAgeSeconds,
    },
    blocks: [
      {
        type: 'dynamic',
        labels: ['destination_config'],
        attributes: {
          for_each: expression(
            'var.on_success_destination_arn == "" && var.on_failure_destination_arn == "" ? [] : [true]',
          ),
        },
        blocks: [
          { type: 'content', blocks: [destination('on_success'), destination('on_failure')] },
        ],
      },
    ],
  };
}

function destination(kind: 'on_success' | 'on_failure'): Block {
  return {
    type: 'dynamic',
    labels: [kind],
    attributes: {
      for_each: expression(
        `var.${kind}_destination_arn == "" ? [] : [var.${kind}_destination_arn]`,
      ),
    },
    blocks: [{ type: 'content', attributes: { destination: expression(`${kind}.value`) } }],
  };
}

function scheduleBlocks(fn: DeployedFunction): readonly Block[] {
  const id = resourceName(fn);
  return [
    {
      type: 'resource',
      labels: ['aws_cloudwatch_event_rule', id],
      attributes: {
        name: expression(`"\${var.name_prefix}\${var.stage}-${fn.awsName}"`),
        schedule_expression: fn.scheduleExpression,
      },
    },
    {
      type: 'resource',
      labels: ['aws_cloudwatch_event_target', id],
      attributes: {
        rule: expression(`aws_cloudwatch_event_rule.${id}.name`),
        arn: expression(`aws_lambda_function.${id}.arn`),
        input: scheduleInput(fn),
      },
    },
    {
      type: 'resource',
      labels: ['aws_lambda_permission', id],
      attributes: {
        statement_id: 'schedule',
        action: 'lambda:InvokeFunction',
        function_name: expression(`aws_lambda_function.${id}.function_name`),
        principal: 'events.amazonaws.com',
        source_arn: expression(`aws_cloudwatch_event_rule.${id}.arn`),
      },
    },
  ];
}

function ingressBlocks(deployment: Deployment): readonly Block[] {
  const routed = [...new Set(deployment.routes.map((route) => route.function))];
  const body = ingressDocument(deployment.routes, {
    eventTemplate: (form) => expression(`local.event_template_${form}`),
    title: expression('"${var.name_prefix}${var.stage}"'),
    invokeRoleArn: expression('aws_iam_role.api.arn'),
    invocationUri: (fn) => expression(`aws_lambda_function.${resourceName(fn)}.invoke_arn`),
  });
  return [
    {
      type: 'resource',
      labels: ['aws_iam_role', 'api'],
      attributes: {
        name: expression('"${var.name_prefix}${var.stage}-api"'),
        assume_role_policy: trust('apigateway.amazonaws.com'),
      },
    },
    {
      type: 'resource',
      labels: ['aws_iam_role_policy', 'api'],
      attributes: {
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
      },
    },
    {
      type: 'locals',
      attributes: {
        event_template_base64: eventTemplate('base64'),
        event_template_text: eventTemplate('text'),
        api_document: body,
      },
    },
    {
      type: 'resource',
      labels: ['aws_api_gateway_rest_api', 'api'],
      attributes: {
        name: expression('"${var.name_prefix}${var.stage}"'),
        body: expression('jsonencode(local.api_document)'),
      },
      blocks: [{ type: 'endpoint_configuration', attributes: { types: ['REGIONAL'] } }],
    },
    {
      type: 'resource',
      labels: ['aws_api_gateway_deployment', 'api'],
      attributes: {
        rest_api_id: expression('aws_api_gateway_rest_api.api.id'),
        triggers: { document: expression('sha256(jsonencode(local.api_document))') },
      },
      blocks: [{ type: 'lifecycle', attributes: { create_before_destroy: true } }],
    },
    {
      type: 'resource',
      labels: ['aws_api_gateway_stage', 'api'],
      attributes: {
        rest_api_id: expression('aws_api_gateway_rest_api.api.id'),
        deployment_id: expression('aws_api_gateway_deployment.api.id'),
        stage_name: expression('var.stage'),
      },
    },
  ];
}

function output(name: string, description: string, value: string): Block {
  return { type: 'output', labels: [name], attributes: { description, value: expression(value) } };
}

function trust(service: string): unknown {
  return expression(`jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "${service}" }, Action = "sts:AssumeRole" }]
  })`);
}

/** `HelloBackground` → `hello_background`. */
function resourceName(fn: DeployedFunction): string {
  return fn.identifier.replaceAll(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase();
}
