import OpenAI from 'openai';

export default async () => {
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:1' });
  console.log(typeof client.responses.create, client.baseURL);
};
