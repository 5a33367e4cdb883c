import Stripe from 'stripe';

export default async (req: Request) => {
  const stripe = new Stripe('sk_test_placeholder', { maxNetworkRetries: 2 });
  const { amount = 4200 } = (await req.json().catch(() => ({}))) as { amount?: number };
  console.log('charging', amount, typeof stripe.paymentIntents.create);
};
