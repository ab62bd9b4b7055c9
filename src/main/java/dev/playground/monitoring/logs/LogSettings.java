package dev.playground.monitoring.logs;

import dev.playground.monitoring.config.InvalidSettingException;
import dev.playground.monitoring.config.SettingsCheck;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks the settings that logback.xml reads from the environment. */
public final class LogSettings {
    /** Loki's own rule; it rejects "." and "..", because a tenant is a folder in its storage. */
    private static final Pattern TENANT = Pattern.compile("(?!\\.+$)[\\w!.*'()-]{0,150}");

    private LogSettings() {}

    /**
     * @param environment the environment variables of the process
     * @throws InvalidSettingException for a value that logback.xml cannot use
     */
    public static void check(Map<String, String> environment) {
        String format = environment.getOrDefault("LOG_FORMAT", "text");
        if (!format.equals("text") && !format.equals("json")) {
            throw new InvalidSettingException("LOG_FORMAT", format, "\"text\" or \"json\"");
        }
        String host = environment.getOrDefault("LOKI_HOST", "");
        if (!host.isEmpty() && !isBaseUrl(host)) {
            throw new InvalidSettingException(
                    "LOKI_HOST",
                    host,
                    "the base URL of Loki, such as http://loki:3100, without a user, a path or a"
                            + " trailing slash, or nothing to disable the push");
        }
        String tenant = environment.getOrDefault("LOKI_TENANT", "");
        if (!TENANT.matcher(tenant).matches()) {
            throw new InvalidSettingException(
                    "LOKI_TENANT",
                    tenant,
                    "a tenant of Loki, at most 150 letters, digits and !-_.*'(), or nothing");
        }
    }

    private static boolean isBaseUrl(String text) {
        try {
            URI uri = new URI(text);
            return SettingsCheck.isHttpUrl(uri) && uri.getPath().isEmpty();
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
