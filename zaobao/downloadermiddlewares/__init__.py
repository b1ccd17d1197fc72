"""How a host is asked: where requests may go, how fast, and which answers may be read.

In the order in which a request passes:

- `bounds`: only the asked origin and the paper's hosts, also by redirects.
- `robotstxt`: robots.txt is obeyed.
- `responsechecks`: an answer is unpacked, decoded and checked before anything parses it;
  `zaobao.blockpages` knows the pages that answer 200 and are no answer.
- `retry`: waits, retries and the end of asking; `hosts` holds what is true of a whole host.
- `cookies`: none, unless they are turned on.
- `handler`, `resolver`: the transfer itself, and the addresses to which it may lead.
"""
