import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

export default async () => {
  const client = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  const command = new PutObjectCommand({ Bucket: 'backup', Key: 'shop.json', Body: '{}' });
  console.log('would put', command.input.Key, await client.config.region());
};
