import { describe, expect, test } from 'vitest';
import { toEventBridgeCron } from '../../../src/targets/aws/event-bridge-cron.ts';

describe('a cron schedule as an EventBridge expression', () => {
  test.each([
    ['@hourly', 'cron(0 * * * ? *)'],
    ['@daily', 'cron(0 0 * * ? *)'],
    ['@weekly', 'cron(0 0 ? * SUN *)'],
    ['*/5 * * * *', 'cron(0/5 * * * ? *)'],
    ['0 9 * * 1-5', 'cron(0 9 ? * MON,TUE,WED,THU,FRI *)'],
    ['0 9 * * 5-7', 'cron(0 9 ? * SUN,FRI,SAT *)'],
    ['0 9 * * mon,7', 'cron(0 9 ? * SUN,MON *)'],
    ['0 9 * * 1/2', 'cron(0 9 ? * MON,WED,FRI *)'],
    ['0 9 */2 */3 *', 'cron(0 9 1/2 1/3 ? *)'],
    ['15,45 0-6 1 jan *', 'cron(15,45 0-6 1 JAN ? *)'],
  ])('%s is %s', (cron, expression) => {
    expect(toEventBridgeCron(cron)).toBe(expression);
  });

  test('both day fields are refused, because cron means either field and EventBridge allows only one', () => {
    expect(() => toEventBridgeCron('0 0 1 * 1')).toThrow(
      'sets both a day of the month and a day of the week',
    );
  });

  test('six fields are refused', () => {
    expect(() => toEventBridgeCron('0 0 0 1 * *')).toThrow('has 6 fields');
  });
});
