package dev.playground.monitoring;

import dev.playground.monitoring.logs.LogSettings;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.BindException;
import java.time.Duration;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Starts the service. Not by {@code Micronaut.run}: its shutdown hook closes the connections before
 * the requests in flight are answered ({@link Shutdown} has the order that loses nothing).
 */
public final class Application {
    private Application() {}

    /** Ends with exit code 1 and one sentence on standard error when a setting is bad. */
    public static void main(String[] args) {
        try {
            start(args, System.getenv());
        } catch (RuntimeException e) {
            System.err.println("The service did not start. " + sentence(e));
            System.exit(1);
        }
    }

    private static void start(String[] args, Map<String, String> environment) {
        long started = System.nanoTime();
        // The Loki appender's metrics log a line while logging itself is being set up; SLF4J would
        // warn of that on every start.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        // Before the first logger: Logback reads these two from the environment by itself.
        LogSettings.check(environment);
        Setting.wholeNumber("PORT", environment.getOrDefault("PORT", "3000"), 0, 65_535);
        environment.forEach(Application::checkForPlaceholders);
        Duration drain = millis(environment, "SHUTDOWN_DRAIN_MS", "5000");
        Duration push = millis(environment, "SHUTDOWN_PUSH_MS", "3000");

        ApplicationContext context =
                ApplicationContext.builder(Application.class)
                        .args(args)
                        .banner(false)
                        // It would look at the machine to guess where it runs.
                        .deduceEnvironment(false)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(new Shutdown(context, drain, push)));
        EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
        String node = environment.getOrDefault("NODE_NAME", "");
        LoggerFactory.getLogger(Application.class)
                .info(
                        "Started in {} ms, listening on port {}{}",
                        (System.nanoTime() - started) / 1_000_000,
                        server.getPort(),
                        node.isEmpty() ? "" : " on node " + node);
    }

    /** Micronaut would take {@code ${name}} in a value for another setting, and not find it. */
    private static void checkForPlaceholders(String variable, String value) {
        if (variable.startsWith("HEAVY_")) {
            Setting.parse(
                    variable,
                    value,
                    "no \"${\"",
                    text -> {
                        Setting.require(!text.contains("${"));
                        return text;
                    });
        }
    }

    private static Duration millis(
            Map<String, String> environment, String variable, String byDefault) {
        return Duration.ofMillis(
                Setting.wholeNumber(
                        variable, environment.getOrDefault(variable, byDefault), 0, 600_000));
    }

    /** What the user can do something about; for anything else, the exception itself. */
    private static String sentence(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof Setting.InvalidException) {
                return cause.getMessage();
            }
            if (cause instanceof BindException) {
                return "It cannot listen on the port that PORT names: %s."
                        .formatted(cause.getMessage());
            }
        }
        throw new IllegalStateException(problem);
    }
}
