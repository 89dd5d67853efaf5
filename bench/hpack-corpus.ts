export { browser as requests } from './corpus/field-sections.ts'
