"""The standalone site's web server: the pages and the calls that the form scripts make.

from dokos_banksync.hosts.standalone.web import WebServer

with WebServer(site, port=0) as server:
    print(server.new_entry())  # the address to open, once
"""

from dokos_banksync.hosts.standalone.web.server import WebServer, serve

__all__ = ["WebServer", "serve"]
