import { Redis } from 'ioredis';

export default async () => {
  const redis = new Redis({ lazyConnect: true, host: '127.0.0.1', port: 1 });
  console.log(redis.status);
  redis.disconnect();
};
