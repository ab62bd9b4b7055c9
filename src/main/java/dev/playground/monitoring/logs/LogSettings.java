package dev.playground.monitoring.logs;

import dev.playground.monitoring.Setting;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The settings of logging. Logback itself reads them, in logback.xml; this checks them before. */
public final class LogSettings {
    private LogSettings() {}

    /**
     * @param environment the process' environment variables
     * @throws Setting.InvalidException for a value that logback.xml cannot use
     */
    public static void check(Map<String, String> environment) {
        Setting.parse(
                "LOG_FORMAT",
                environment.getOrDefault("LOG_FORMAT", "text"),
                "\"text\" or \"json\"",
                format -> {
                    Setting.require(List.of("text", "json").contains(format));
                    return format;
                });
        Setting.parse(
                "LOKI_HOST",
                environment.getOrDefault("LOKI_HOST", ""),
                "the base URL of Loki such as http://loki:3100, without a user, a path or a slash"
                        + " at its end, or nothing to push to no Loki",
                LogSettings::lokiHost);
    }

    private static URI lokiHost(String text) {
        URI uri = URI.create(text);
        Setting.require(
                text.isEmpty()
                        || uri.getHost() != null
                                && uri.getScheme().matches("https?")
                                && (uri.getPort() == -1
                                        || uri.getPort() >= 1 && uri.getPort() <= 65535)
                                // The JDK's client would not send it, and the log would show it.
                                && uri.getUserInfo() == null
                                && uri.getPath().isEmpty()
                                && uri.getQuery() == null
                                && uri.getFragment() == null);
        return uri;
    }
}
