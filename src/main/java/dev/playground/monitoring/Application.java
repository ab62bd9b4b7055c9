package dev.playground.monitoring;

import dev.playground.monitoring.config.InvalidSettingException;
import dev.playground.monitoring.config.SettingsCheck;
import dev.playground.monitoring.logs.LogSettings;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.BindException;
import org.slf4j.LoggerFactory;

/**
 * Starts the service. Not by {@code Micronaut.run}, for the reasons that {@link Shutdown} gives.
 */
public final class Application {
    private Application() {}

    /** Exits with code 1 and one line on standard error when a setting is invalid. */
    public static void main(String[] args) {
        try {
            start(args);
        } catch (RuntimeException e) {
            System.err.println(message(e));
            System.exit(1);
        }
    }

    private static void start(String[] args) {
        long started = System.nanoTime();
        // The metrics of the Loki appender log a line while logging is being configured, and SLF4J
        // would print a warning at each start.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        // Before the first logger: Logback reads these settings from the environment itself.
        LogSettings.check(System.getenv());
        SettingsCheck.rejectPlaceholders(System.getenv());

        ApplicationContext context =
                ApplicationContext.builder(Application.class)
                        .args(args)
                        .banner(false)
                        // Detecting the cloud or container takes time, and nothing depends on it.
                        .deduceEnvironment(false)
                        .start();
        ServiceSettings settings = context.getBean(ServiceSettings.class);
        Runtime.getRuntime().addShutdownHook(new Thread(new Shutdown(context, settings)));
        EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
        LoggerFactory.getLogger(Application.class)
                .info(
                        "Started in {} ms, listening on port {}{}",
                        (System.nanoTime() - started) / 1_000_000,
                        server.getPort(),
                        context.getProperty("NODE_NAME", String.class)
                                .filter(node -> !node.isEmpty())
                                .map(node -> " on node " + node)
                                .orElse(""));
    }

    /** Of an error that the user can fix; anything else is thrown on, with its stack trace. */
    private static String message(RuntimeException problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidSettingException) {
                return cause.getMessage();
            }
            if (cause instanceof BindException) {
                return "PORT: cannot listen on this port: " + cause.getMessage();
            }
        }
        throw problem;
    }
}
