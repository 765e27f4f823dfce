"""Real peers for tests: networks, servers, desktops and buses of their own, gone afterwards.

Networks (root):  lab.Lab, cafe.Cafe; in them nginx.Nginx, dnsmasq.Dnsmasq, iperf3.Iperf3Server; curl.curl,
                  pieces.send_pieces and iperf3.Iperf3Client on the laptop; network_manager.NetworkManager.
Desktops:         desktop.Desktop (screen.Screen, bus.PrivateBus, dunst.Dunst); silent_notifier.SilentNotifier.
System services:  mock_network_manager.MockNetworkManager with mock_wifi.MockWifi on a bus.PrivateBus.
Underneath:       processes.Processes, spawned.Spawned, command.run, waiting.wait_until.
As fixtures, and how a test is skipped where they cannot run: fixtures, requirements.
"""
