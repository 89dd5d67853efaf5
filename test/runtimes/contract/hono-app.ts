import { Hono } from 'hono'

/** An application that knows nothing of where it is mounted, as its own documentation has it. */
export const honoApp: Hono = new Hono().basePath('/hono')

honoApp.get('/users/:id', (context) =>
  context.json({ id: context.req.param('id'), ua: context.req.header('x-client') }),
)
honoApp.post('/form', async (context) => context.text((await context.req.formData()).get('name') as string, 201))
honoApp.notFound((context) => context.text('no such page', 404))
