import { DateTime } from 'luxon';

export default async () =>
  Response.json([1, 2, 3].map((days) => DateTime.utc().plus({ days }).toISODate()));
