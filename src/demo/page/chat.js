import { element } from './lane-view.js'

/** The chat panel. All that others wrote goes in through `textContent`. */

const KEPT = 200
const at = (id) => document.getElementById(id)

/** Joins the panel to a lane; the chat's messages share its stream with the measuring ones. */
export function startChat(lane) {
  const log = at('log')
  const join = at('join')
  const say = at('say')

  const add = (className, ...parts) => {
    const line = element('li', className)
    line.append(...parts)
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
    log.append(line)
    while (log.childElementCount > KEPT) log.firstElementChild.remove()
    if (atEnd) log.scrollTop = log.scrollHeight
  }
  const members = (count) => {
    at('members').textContent = count === 1 ? '1 here' : `${count} here`
  }

  const shown = {
    joined(message) {
      join.hidden = true
      say.hidden = false
      members(message.members)
      add('event', `You are here as ${message.name}. Open this page in another tab and talk to yourself.`)
      at('text').focus()
    },
    arrived(message) {
      members(message.members)
      add('event', `${message.name} came in`)
    },
    left(message) {
      members(message.members)
      add('event', `${message.name} left`)
    },
    said(message) {
      const who = element('strong', '', message.name)
      // The same name has the same colour in every tab.
      who.style.setProperty('--hue', String(hueOf(message.name)))
      add(message.own ? 'own' : '', who, element('span', '', message.text))
    },
    problem(message) {
      add('problem', message.reason)
    },
  }
  const known = new Map(Object.entries(shown))
  lane.onMessage = (message) => known.get(message.type)?.(message)

  join.addEventListener('submit', (event) => {
    event.preventDefault()
    lane.send({ type: 'join', name: at('name').value })
  })
  say.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = at('text')
    if (text.value.trim() !== '') lane.send({ type: 'say', text: text.value })
    text.value = ''
  })
  return {
    /** The lane is gone; what was said stays readable. */
    end() {
      join.hidden = true
      say.hidden = true
      at('members').textContent = ''
      add('event', 'The chat’s stream has ended. Reload the page to come back.')
    },
  }
}

function hueOf(name) {
  let hue = 0
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360
  return hue
}
