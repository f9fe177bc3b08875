"""A TCP proxy that behaves as a network does on its bad days, when the test says so."""

import dataclasses
import socket
import struct
import threading

CHUNK = 65536
POLL = 0.05  # seconds until a thread that is blocked in sending sees that its connection was ended
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@dataclasses.dataclass(frozen=True, eq=False)  # each is one period of the network's life
class Fault:
    """What happens to the bytes of every connection, new or there already."""

    stall: bool = False  # nothing is forwarded, and connections are accepted without an answer
    delay: float = 0.0  # seconds that each piece waits, in both directions
    cut_after: int | None = None  # bytes from the server, counted for each connection, after which it ends
    drip: int | None = None  # bytes in each piece from the server; use it with a delay


class FaultProxy:
    """Listens on `port` of 127.0.0.1 and forwards to `target`: a port there, or the path of a unix socket.

    The behaviour may be switched at any time, for connections that are open too; passing() ends every fault.
    """

    def __init__(self, target):
        self.target = target
        self.fault = Fault()
        self.resets_new = False
        self.changed = threading.Condition()
        self.links = set()
        self.accepted = 0
        self.threads = []
        self.reserved = self._bound(0)  # keeps the port while nobody listens
        self.port = self.reserved.getsockname()[1]
        self.listener = None
        self._listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Behaviour

    def passing(self):
        """Forwards everything, also what was held back."""
        self._switch(Fault())
        self._listen()

    def refuse(self):
        """Closes the listener. Connections that are open are left alone."""
        self._close_listener()

    def reset(self):
        """Resets all connections, and new ones as soon as they are there."""
        with self.changed:
            self.resets_new = True
        self.reset_open()

    def reset_open(self):
        """Resets the connections that are open; new ones are served."""
        for link in self._open_links():
            link.end(reset=True)

    def close_open(self):
        """Ends the connections that are open in the orderly way; new ones are served."""
        for link in self._open_links():
            link.end()

    def stall(self):
        """A black hole: accepts connections, forwards nothing, closes nothing."""
        self._switch(Fault(stall=True))

    def delay(self, seconds):
        self._switch(Fault(delay=seconds))

    def cut_after(self, length):
        """Ends each connection after this many more bytes from the server."""
        self._switch(Fault(cut_after=length))

    def drip(self, length, seconds):
        """Forwards what the server sends in pieces of `length` bytes, each after so many seconds."""
        self._switch(Fault(drip=length, delay=seconds))

    def connections(self):
        """How many connections are open."""
        return len(self._open_links())

    def close(self):
        """Ends the listener, all connections and all threads."""
        self._close_listener()
        self.reset_open()
        for thread in self.threads:
            thread.join()
        self.reserved.close()

    # Implementation

    def _switch(self, fault):
        with self.changed:
            self.fault = fault
            self.resets_new = False
            self.changed.notify_all()

    def _open_links(self):
        with self.changed:
            return list(self.links)

    @staticmethod
    def _bound(port):
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        end.bind(("127.0.0.1", port))
        return end

    def _listen(self):
        if self.listener is None:
            self.listener = self._bound(self.port)
            self.listener.listen(128)
            self.run(self._accept, self.listener)

    def _close_listener(self):
        if self.listener is not None:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
            self.listener.close()
            self.listener = None

    def run(self, function, *arguments):
        """Starts a thread that close() waits for."""
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)
        return thread

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.settimeout(POLL)
            link = _Link(self, client)
            with self.changed:
                self.accepted += 1
                self.links.add(link)
                reset = self.resets_new
            if reset:
                link.end(reset=True)
            self.run(link.forward)


class _Link:
    """One connection of a client and, once it is let through, its connection to the server."""

    def __init__(self, proxy, client):
        self.proxy = proxy
        self.client = client
        self.server = None
        self.ended = False
        self.resets = False
        self.fault = None
        self.passed = 0  # bytes from the server since the fault of now began

    def end(self, reset=False):
        """Makes the threads of this connection end it."""
        with self.proxy.changed:
            if self.ended:
                return
            self.ended, self.resets = True, reset
            self.proxy.links.discard(self)
            self.proxy.changed.notify_all()
            for side in filter(None, (self.client, self.server)):
                _wake(side)

    def forward(self):
        """The life of the connection: connects to the server and forwards in both directions until one ends."""
        try:
            if self._pause() is not None:
                self._connect()
                up = self.proxy.run(self._pump, self.client, self.server, False)
                self._pump(self.server, self.client, True)
                up.join()
        except OSError:
            pass
        self.end()
        for side in filter(None, (self.client, self.server)):
            if self.resets:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            side.close()

    def _connect(self):
        if isinstance(self.proxy.target, int):
            server = socket.create_connection(("127.0.0.1", self.proxy.target))
        else:
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.proxy.target))
        server.settimeout(POLL)
        with self.proxy.changed:
            self.server = server
            if self.ended:
                _wake(server)

    def _pause(self, seconds=0.0):
        """Waits for so long, and while the network stalls: the fault of now, or None when the connection ended."""
        with self.proxy.changed:
            self.proxy.changed.wait_for(lambda: self.ended, seconds)
            self.proxy.changed.wait_for(lambda: self.ended or not self.proxy.fault.stall)
            return None if self.ended else self.proxy.fault

    def _pump(self, source, sink, from_server):
        try:
            while data := self._receive(source):
                while data:
                    data = self._forward_piece(data, sink, from_server)
            self._pause()  # the end of a connection does not pass a black hole either
        except OSError:
            pass
        self.end()

    def _receive(self, source):
        while not self.ended:
            try:
                return source.recv(CHUNK)
            except TimeoutError:
                pass
        return b""

    def _forward_piece(self, data, sink, from_server):
        """Forwards a piece as the fault of now lets it through; returns the rest. Raises OSError at the end."""
        fault = self._pause(self.proxy.fault.delay)
        if fault is None:
            raise ConnectionAbortedError
        length = len(data)
        if from_server:
            if fault is not self.fault:
                self.fault, self.passed = fault, 0
            length = min(length, fault.drip or length)
            if fault.cut_after is not None:
                length = min(length, fault.cut_after - self.passed)
        try:
            length = sink.send(data[:length])
        except TimeoutError:
            return data
        self.passed += length if from_server else 0
        if from_server and self.passed == fault.cut_after:
            raise ConnectionAbortedError
        return data[length:]


def _wake(side):
    """Ends a blocking receive in another thread, and tells the peer nothing."""
    try:
        side.shutdown(socket.SHUT_RD)
    except OSError:
        pass
