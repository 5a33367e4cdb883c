import jwt from 'jsonwebtoken';

export default async () =>
  Response.json({ token: jwt.sign({ sub: 'ada' }, 'not a secret', { expiresIn: '1h' }) });
