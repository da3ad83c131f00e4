#!/usr/bin/env node
// Shows the demonstration: `npm install && ./build && node demo/serve.mjs [PORT]`.
import { serve } from '../test/chromium.mjs';

const { url } = await serve(Number(process.argv[2] ?? 8080));
console.log(`${url}demo/`);
