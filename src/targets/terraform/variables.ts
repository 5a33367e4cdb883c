import { type Block, expression } from './hcl.ts';

/** The variables that a person who applies the module can set. */
export function variables(): readonly Block[] {
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
