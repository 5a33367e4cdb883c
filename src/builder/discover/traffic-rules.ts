import type { TrafficRules } from '../../manifest/schema.ts';
import type { RateLimitSetting } from '../config/function-settings.ts';

/**
 * `config.rateLimit` in the form of Netlify's manifest. Requests are counted per domain unless
 * `aggregateBy` says otherwise. A rewrite that leads nowhere refuses the requests.
 */
export function trafficRulesOf(rateLimit: RateLimitSetting): TrafficRules {
  const {
    windowSize,
    windowLimit,
    action = 'rate_limit',
    algorithm = 'sliding_window',
    aggregateBy = ['domain'],
    to,
  } = rateLimit;
  return {
    action: {
      type: to === undefined ? 'rate_limit' : action,
      config: {
        to,
        rateLimitConfig: { windowLimit, windowSize, algorithm },
        aggregate: { keys: aggregateBy.map((type) => ({ type })) },
      },
    },
  };
}
