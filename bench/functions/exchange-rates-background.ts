import axios from 'axios';

export default async () => {
  console.log(axios.getUri({ url: 'https://rates.example/latest', params: { base: 'EUR' } }));
};
