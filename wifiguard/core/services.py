"""The services that laptops commonly run: what they are, how bad it is when strangers reach them, how to keep them home."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from wifiguard.core.severity import Severity

# ruff: noqa: E501 - a table, a service a line


class Topic(StrEnum):
    """Which rule speaks about a service."""

    SHARING = "sharing"
    LOGIN = "login"
    OTHER = "other"


class Service(NamedTuple):
    """`ports`: as "tcp/445"; a range as "tcp/5900-5999". `programs`: process names. `severity`: on a network that is not trusted.

    `bind`: file and setting, or command, that keep it to this laptop; words of the program's own, so in every language.
    """

    id: str
    name: str
    ports: tuple[str, ...]
    programs: tuple[str, ...] = ()
    bind: str = ""
    severity: Severity = Severity.HIGH
    topic: Topic = Topic.OTHER


_S, _L, _O = Topic.SHARING, Topic.LOGIN, Topic.OTHER
_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW

SERVICES: tuple[Service, ...] = (
    # -- files and devices offered to the network
    Service("smb", "Samba", ("tcp/445", "tcp/139", "udp/137", "udp/138"), ("smbd", "nmbd", "ksmbd.mountd"),
            "smb.conf: interfaces = lo, bind interfaces only = yes", _HIGH, _S),
    Service("nfs", "NFS", ("tcp/2049", "udp/2049"), ("rpc.nfsd", "nfsd", "rpc.mountd", "rpc.statd", "ganesha.nfsd"),
            "/etc/nfs.conf: [nfsd] host=127.0.0.1", _HIGH, _S),
    Service("rpcbind", "rpcbind", ("tcp/111", "udp/111"), ("rpcbind",),
            "systemctl disable --now rpcbind.socket rpcbind", _LOW, _S),
    Service("afp", "Netatalk", ("tcp/548",), ("afpd", "netatalk"), "afp.conf: afp listen = 127.0.0.1", _HIGH, _S),
    Service("dlna", "DLNA", ("tcp/8200", "udp/1900"), ("minidlnad", "rygel", "gerbera", "minissdpd"),
            "minidlna.conf: network_interface=lo", _MEDIUM, _S),
    Service("rsync", "rsync", ("tcp/873",), ("rsync",), "rsyncd.conf: address = 127.0.0.1", _HIGH, _S),
    Service("ftp", "FTP", ("tcp/21",), ("vsftpd", "proftpd", "pure-ftpd"), "vsftpd.conf: listen_address=127.0.0.1", _HIGH, _S),
    Service("tftp", "TFTP", ("udp/69",), ("in.tftpd", "atftpd"), "/etc/default/tftpd-hpa: TFTP_ADDRESS=127.0.0.1:69", _HIGH, _S),
    Service("webdav", "WebDAV", (), ("gnome-user-share", "wsgidav"), "gnome-user-share: off", _HIGH, _S),
    Service("syncthing", "Syncthing", ("tcp/22000", "udp/22000", "udp/21027"), ("syncthing",),
            "Syncthing: Settings, Connections, Listen Addresses", _LOW, _S),
    Service("kdeconnect", "KDE Connect", ("tcp/1716", "udp/1716"), ("kdeconnectd", "gjs-gsconnect"),
            "kdeconnect-cli --unpair; systemctl --user mask app-org.kde.kdeconnect", _LOW, _S),
    Service("localsend", "LocalSend", ("tcp/53317", "udp/53317"), ("localsend", "localsend_app"), "", _LOW, _S),
    Service("warpinator", "Warpinator", ("tcp/42000", "udp/42000"), ("warpinator",), "", _LOW, _S),
    Service("mdns", "Avahi", ("udp/5353",), ("avahi-daemon",), "avahi-daemon.conf: allow-interfaces=lo", _LOW, _S),
    Service("wsdd", "wsdd", ("udp/3702", "tcp/5357"), ("wsdd", "wsdd2"), "systemctl disable --now wsdd", _LOW, _S),
    Service("llmnr", "LLMNR", ("udp/5355", "tcp/5355"), (), "resolved.conf: LLMNR=no", _LOW, _S),
    Service("usbip", "USB/IP", ("tcp/3240",), ("usbipd",), "systemctl disable --now usbipd", _HIGH, _S),
    # -- ways to log in and take over the screen
    Service("ssh", "SSH", ("tcp/22",), ("sshd", "dropbear"), "sshd_config: ListenAddress 127.0.0.1", _MEDIUM, _L),
    Service("telnet", "Telnet", ("tcp/23",), ("telnetd", "in.telnetd"), "systemctl disable --now inetd", _HIGH, _L),
    Service("rlogin", "rlogin", ("tcp/512-514",), ("rlogind", "in.rlogind", "rshd"), "systemctl disable --now inetd", _HIGH, _L),
    Service("vnc", "VNC", ("tcp/5900-5909",),
            ("x11vnc", "Xvnc", "Xtigervnc", "wayvnc", "vino-server", "krfb", "x0vncserver"),
            "-localhost", _HIGH, _L),
    Service("rdp", "RDP", ("tcp/3389",), ("xrdp", "gnome-remote-de", "gnome-remote-desktop-daemon", "krdpserver"),
            "xrdp.ini: port=tcp://127.0.0.1:3389", _MEDIUM, _L),
    Service("x11", "X11", ("tcp/6000-6009",), ("Xorg", "Xwayland", "X"), "-nolisten tcp", _HIGH, _L),
    Service("cockpit", "Cockpit", ("tcp/9090",), ("cockpit-ws", "cockpit-tls"), "systemctl edit cockpit.socket: ListenStream=", _MEDIUM, _L),
    Service("webmin", "Webmin", ("tcp/10000",), ("miniserv.pl",), "miniserv.conf: bind=127.0.0.1", _MEDIUM, _L),
    Service("input", "A shared mouse and keyboard", ("tcp/24800",), ("synergys", "synergyc", "barriers", "input-leaps", "deskflow-server"), "deskflow-server --address 127.0.0.1", _HIGH, _L),
    Service("mosh", "Mosh", ("udp/60000-60010",), ("mosh-server",), "mosh-server -i 127.0.0.1", _LOW, _L),
    Service("anydesk", "AnyDesk", ("tcp/7070", "udp/50001-50003"), ("anydesk",), "systemctl disable --now anydesk", _MEDIUM, _L),
    Service("teamviewer", "TeamViewer", ("tcp/5938",), ("teamviewerd",), "systemctl disable --now teamviewerd", _MEDIUM, _L),
    Service("rustdesk", "RustDesk", ("tcp/21115-21119",), ("rustdesk",), "systemctl disable --now rustdesk", _MEDIUM, _L),
    # -- databases and queues
    Service("postgresql", "PostgreSQL", ("tcp/5432",), ("postgres", "postmaster"), "postgresql.conf: listen_addresses = 'localhost'"),
    Service("mysql", "MySQL or MariaDB", ("tcp/3306", "tcp/33060"), ("mysqld", "mariadbd"), "my.cnf: bind-address = 127.0.0.1"),
    Service("redis", "Redis", ("tcp/6379",), ("redis-server", "valkey-server", "keydb-server"), "redis.conf: bind 127.0.0.1 -::1"),
    Service("mongodb", "MongoDB", ("tcp/27017",), ("mongod",), "mongod.conf: net.bindIp: 127.0.0.1"),
    Service("memcached", "memcached", ("tcp/11211", "udp/11211"), ("memcached",), "memcached.conf: -l 127.0.0.1"),
    Service("elasticsearch", "Elasticsearch", ("tcp/9200", "tcp/9300"), ("elasticsearch", "opensearch"), "elasticsearch.yml: network.host: 127.0.0.1"),
    Service("couchdb", "CouchDB", ("tcp/5984",), ("beam.smp",), "local.ini: bind_address = 127.0.0.1"),
    Service("cassandra", "Cassandra", ("tcp/9042", "tcp/7000"), (), "cassandra.yaml: rpc_address: 127.0.0.1"),
    Service("influxdb", "InfluxDB", ("tcp/8086",), ("influxd",), "config.toml: http-bind-address = \"127.0.0.1:8086\""),
    Service("clickhouse", "ClickHouse", ("tcp/8123", "tcp/9000"), ("clickhouse-server",), "config.xml: <listen_host>127.0.0.1</listen_host>"),
    Service("mosquitto", "Mosquitto (MQTT)", ("tcp/1883", "tcp/8883"), ("mosquitto",), "mosquitto.conf: listener 1883 127.0.0.1"),
    Service("rabbitmq", "RabbitMQ", ("tcp/5672", "tcp/15672", "tcp/25672"), (), "rabbitmq.conf: listeners.tcp.1 = 127.0.0.1:5672"),
    Service("kafka", "Kafka", ("tcp/9092",), (), "server.properties: listeners=PLAINTEXT://127.0.0.1:9092"),
    Service("zookeeper", "ZooKeeper", ("tcp/2181",), (), "zoo.cfg: clientPortAddress=127.0.0.1"),
    Service("ldap", "LDAP", ("tcp/389", "tcp/636"), ("slapd",), "slapd -h ldap://127.0.0.1/"),
    # -- developers' tools
    Service("docker", "Docker's control interface", ("tcp/2375", "tcp/2376"), ("dockerd",), "daemon.json: \"hosts\": [\"unix:///run/docker.sock\"]"),
    Service("docker-proxy", "A container's port", (), ("docker-proxy", "rootlessport", "conmon", "pasta", "slirp4netns"), "docker run -p 127.0.0.1:PORT:PORT"),
    Service("kubelet", "Kubernetes", ("tcp/6443", "tcp/10250"), ("kubelet", "k3s-server", "kube-apiserver"), "kubelet: --address=127.0.0.1"),
    Service("jupyter", "Jupyter", ("tcp/8888",), ("jupyter-lab", "jupyter-noteboo", "jupyter-server"), "jupyter lab --ip=127.0.0.1"),
    Service("node-debug", "A JavaScript debugger", ("tcp/9229",), (), "node --inspect=127.0.0.1"),
    Service("adb", "Android debugging", ("tcp/5037", "tcp/5555"), ("adb",), "adb kill-server"),
    Service("vscode", "code-server", (), ("code-server", "openvscode-serv"), "code-server --bind-addr 127.0.0.1:8080"),
    Service("ollama", "Ollama", ("tcp/11434",), ("ollama",), "OLLAMA_HOST=127.0.0.1"),
    Service("distcc", "distcc", ("tcp/3632",), ("distccd",), "distccd --listen 127.0.0.1"),
    Service("gdbserver", "gdbserver", (), ("gdbserver",), "gdbserver localhost:PORT"),
    # -- web servers
    Service("python-http", "A Python web server", (), ("python", "python3", "uvicorn", "gunicorn", "hypercorn", "flask"), "python3 -m http.server --bind 127.0.0.1"),
    Service("web", "A web server", ("tcp/80", "tcp/443", "tcp/8080", "tcp/8000", "tcp/8443"),
            ("nginx", "apache2", "httpd", "caddy", "lighttpd", "traefik"), "nginx: listen 127.0.0.1:80; Apache: Listen 127.0.0.1:80"),
    Service("dev-server", "A development server", ("tcp/3000", "tcp/4200", "tcp/5173", "tcp/5000", "tcp/1313"),
            ("node", "deno", "bun", "vite", "ruby", "php", "hugo", "webpack"), "--host 127.0.0.1"),
    Service("java", "A Java server", (), ("java",), "server.address=127.0.0.1"),
    Service("proxy", "A proxy", ("tcp/3128", "tcp/1080", "tcp/8118", "tcp/9050"), ("squid", "privoxy", "danted", "tor", "tinyproxy", "mitmproxy"), "squid.conf: http_port 127.0.0.1:3128"),
    # -- the rest
    Service("cups", "CUPS (printing)", ("tcp/631", "udp/631"), ("cupsd", "cups-browsed"), "cupsd.conf: Listen localhost:631", _MEDIUM),
    Service("ipp-usb", "ipp-usb (printing)", ("tcp/60000",), ("ipp-usb",), "ipp-usb.conf: interface = loopback", _MEDIUM),
    Service("sane", "SANE (scanning)", ("tcp/6566",), ("saned",), "systemctl disable --now saned.socket", _MEDIUM),
    Service("dns", "A name server", ("tcp/53", "udp/53"), ("dnsmasq", "named", "unbound", "pihole-FTL", "coredns", "AdGuardHome"),
            "dnsmasq.conf: listen-address=127.0.0.1, bind-interfaces", _MEDIUM),
    Service("dhcp", "A DHCP server", ("udp/67", "udp/547"), ("dhcpd", "kea-dhcp4"), "dnsmasq.conf: interface=lo", _MEDIUM),
    Service("ntp", "NTP", ("udp/123",), ("ntpd", "chronyd"), "chrony.conf: port 0", _LOW),
    Service("smtp", "A mail server", ("tcp/25", "tcp/465", "tcp/587"), ("master", "exim4", "exim", "sendmail", "smtpd"), "postfix main.cf: inet_interfaces = loopback-only", _MEDIUM),
    Service("imap", "A mailbox server", ("tcp/110", "tcp/143", "tcp/993", "tcp/995"), ("dovecot",), "dovecot.conf: listen = 127.0.0.1, ::1", _MEDIUM),
    Service("snmp", "SNMP", ("udp/161",), ("snmpd",), "snmpd.conf: agentAddress udp:127.0.0.1:161"),
    Service("pulseaudio", "Sound over the network", ("tcp/4713",), ("pulseaudio", "pipewire-pulse"), "pactl unload-module module-native-protocol-tcp", _MEDIUM),
    Service("spotify", "Spotify Connect", ("tcp/57621", "udp/57621"), ("spotify", "librespot"), "", _LOW),
    Service("steam", "Steam", ("tcp/27036", "udp/27036"), ("steam",), "Steam: Settings, Remote Play", _LOW),
    Service("torrent", "A file-sharing client", ("tcp/51413", "tcp/6881-6889"), ("transmission-da", "transmission-gt", "qbittorrent", "deluged"), "", _LOW),
    Service("dropbox", "Dropbox", ("tcp/17500", "udp/17500"), ("dropbox",), "Dropbox: Preferences, Network, LAN sync", _LOW),
    Service("browser", "A web browser", (), ("firefox", "firefox-esr", "chrome", "chromium", "brave", "vivaldi-bin", "msedge", "opera"), "", _LOW),
    Service("player", "A media player", ("tcp/6600",), ("vlc", "kodi", "kodi.bin", "kodi-x11", "mpd", "shairport-sync", "uxplay", "snapserver"), "mpd.conf: bind_to_address \"localhost\"", _LOW),
    Service("passim", "passim (firmware files)", ("tcp/27500",), ("passimd",), "systemctl disable --now passim", _LOW),
    Service("call", "A program for calls", (), ("zoom", "teams", "teams-for-linux", "Discord", "discord", "telegram-deskto", "signal-desktop", "skypeforlinux", "linphone"), "", _LOW),
    Service("vpn", "A VPN", ("udp/51820", "udp/1194", "udp/500", "udp/4500", "udp/41641", "udp/9993"), ("openvpn", "charon", "charon-nm", "tailscaled", "zerotier-one", "nebula"), "", _LOW),
    Service("iperf", "iperf", ("tcp/5201", "udp/5201", "tcp/5001"), ("iperf3", "iperf"), "iperf3 --server --bind 127.0.0.1", _MEDIUM),
    Service("prometheus", "Prometheus", ("tcp/9100",), ("prometheus", "node_exporter", "prometheus-node"), "--web.listen-address=127.0.0.1:9100", _MEDIUM),
    Service("grafana", "Grafana", (), ("grafana", "grafana-server"), "grafana.ini: http_addr = 127.0.0.1", _MEDIUM),
    Service("libvirt", "libvirt", ("tcp/16509", "tcp/16514"), ("libvirtd", "virtproxyd"), "libvirtd.conf: listen_addr = \"127.0.0.1\""),
    Service("qemu", "A virtual machine", (), ("qemu-system-x86", "qemu-system-x86_64", "VBoxHeadless", "vmware-vmx"), "QEMU: hostfwd=tcp:127.0.0.1:PORT-:PORT"),
)  # fmt: skip


def service_of(transport: str, port: int, program: str | None) -> Service | None:
    """The service that listens: known by its program, else by its port; None for one that nobody knows."""
    if program is not None and (found := _BY_PROGRAM.get(program) or _BY_PROGRAM.get(_base(program))) is not None:
        return found
    return _BY_PORT.get((transport, port))


def _base(program: str) -> str:
    # python3.11 and php8.2 are versions; a name that systemd gives its helpers stands in parentheses.
    return program.strip("()").rstrip("0123456789.")


def _ports(service: Service) -> Iterator[tuple[str, int]]:
    for text in service.ports:
        transport, _, numbers = text.partition("/")
        first, _, last = numbers.partition("-")
        yield from ((transport, port) for port in range(int(first), int(last or first) + 1))


_BY_PROGRAM = {program: service for service in SERVICES for program in service.programs}
# The first that names a port has it.
_BY_PORT = {port: service for service in reversed(SERVICES) for port in _ports(service)}
