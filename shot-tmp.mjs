import { chromium } from 'playwright-core';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
for (const [w,h,locale,name,theme] of [[1280,900,'en-GB','1280','light'],[390,844,'ko-KR','390','dark']]) {
  const c = await b.newContext({ locale, viewport: { width: w, height: h }, deviceScaleFactor: 1, colorScheme: theme });
  const p = await c.newPage();
  p.on('pageerror', (e) => console.log('fault', e.message)); p.on('console', (m) => m.type()==='error' && console.log(m.text()));
  await p.goto(process.argv[2], { timeout: 60000 });
  await p.waitForSelector('#outlook:not([hidden])', { timeout: 60000 });
  await p.waitForTimeout(6000);
  await p.screenshot({ path: `/tmp/h-results/shot-${name}.png`, fullPage: true, timeout: 60000 });
  console.log(name, await p.evaluate(() => [document.documentElement.scrollWidth, innerWidth]));
}
await b.close();
