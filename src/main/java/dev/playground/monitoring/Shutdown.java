package dev.playground.monitoring;

import dev.playground.monitoring.logs.LogShipping;
import io.micronaut.context.ApplicationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the service on SIGTERM: Micronaut's graceful shutdown answers the requests in flight and
 * closes the connections, then the log appender pushes the remaining lines. Each step has a time
 * limit. Micronaut stops no logging framework (micronaut-core issue 5357), and the shutdown hook of
 * {@code Micronaut.run} stops the server before graceful shutdown begins.
 */
record Shutdown(ApplicationContext context, ServiceSettings settings) implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    @Override
    public void run() {
        // A failed start has closed it already.
        if (context.isRunning()) {
            LOG.info(
                    "Stopping: no new connections, at most {} ms for requests in flight",
                    settings.drain().toMillis());
            context.close();
            LOG.info("Stopped");
        }
        LogShipping.stop(settings.push());
    }
}
