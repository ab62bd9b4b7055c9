package dev.playground.monitoring;

import dev.playground.monitoring.logs.LogShipping;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownManager;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the service on SIGTERM, in the order that loses nothing: answer the requests in flight,
 * close the rest, send the log lines that are left. Each step has a bounded time.
 *
 * @param drain how long requests in flight may take to finish
 * @param push how long the log appender may take to send what it still holds
 */
record Shutdown(ApplicationContext context, Duration drain, Duration push) implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    @Override
    public void run() {
        // A start that failed has closed it already.
        if (context.isRunning()) {
            LOG.info(
                    "Stopping: no new connections, at most {} ms for requests in flight",
                    drain.toMillis());
            drainRequests();
            context.close();
            LOG.info("Stopped");
        }
        LogShipping.stop(push);
    }

    private void drainRequests() {
        try {
            context.getBean(GracefulShutdownManager.class)
                    .shutdownGracefully()
                    .toCompletableFuture()
                    .get(drain.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("Requests in flight did not finish within {} ms", drain.toMillis());
        } catch (ExecutionException e) {
            LOG.warn("Requests in flight could not be waited for", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
