// Stands here until `npx pagefind` writes the index over it: the search page
// asks for this file and shows its box only when it can search.
export const absent = true;
