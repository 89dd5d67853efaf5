import { existsSync } from 'node:fs'
import { type Browser, launch, type Page } from 'puppeteer-core'
import { temporaryFolder } from '../support/folders.ts'
import { type Peer, printedVersion } from '../support/presence.ts'

/** A browser that puppeteer can drive. */
export interface BrowserPeer extends Peer {
  readonly browser: 'chrome' | 'firefox'
  readonly executablePath: string
}

export const chromium: BrowserPeer = {
  name: 'Chromium',
  browser: 'chrome',
  executablePath: '/usr/bin/chromium',
  version: () => browserVersion('/usr/bin/chromium'),
  install: 'apt-get install chromium',
}

export const firefox: BrowserPeer = {
  name: 'Firefox',
  browser: 'firefox',
  executablePath: '/usr/bin/firefox-esr',
  version: () => browserVersion('/usr/bin/firefox-esr'),
  install: 'apt-get install firefox-esr',
}

function browserVersion(path: string): string | undefined {
  return existsSync(path) ? printedVersion(path, ['--version']) : undefined
}

// Nothing but the test may open connections, and QUIC must not take the place of HTTP/2.
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-sync',
  '--ignore-certificate-errors',
  '--window-size=1280,900',
]

export interface OpenBrowser {
  readonly browser: Browser
  /** Opens a page and keeps what it complains about: its console's errors and its uncaught exceptions. */
  open(url: URL): Promise<{ page: Page; complaints: readonly string[] }>
  /** Ends the browser with all its processes and deletes its profile. */
  close(): Promise<void>
}

/** Starts the browser without a window and with a fresh profile; it trusts any certificate. */
export async function openBrowser(peer: BrowserPeer): Promise<OpenBrowser> {
  const folder = temporaryFolder()
  const browser = await launch({
    browser: peer.browser,
    executablePath: peer.executablePath,
    headless: true,
    acceptInsecureCerts: true,
    userDataDir: folder.path,
    args: peer.browser === 'chrome' ? chromiumFlags : [],
    // Both write below the home folder whatever the profile; Firefox refuses one that is another user's.
    env: { ...process.env, HOME: folder.path },
    defaultViewport: null,
  })
  return {
    browser,
    async open(url) {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url ?? ''})`)
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(url.href, { waitUntil: 'load' })
      return { page, complaints }
    },
    async close() {
      await browser.close().catch(() => {})
      // Crashed or hanging, it must not outlive the test.
      browser.process()?.kill('SIGKILL')
      folder.remove()
    },
  }
}
