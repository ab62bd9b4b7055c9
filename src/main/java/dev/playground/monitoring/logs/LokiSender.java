package dev.playground.monitoring.logs;

import com.github.loki4j.client.http.HttpConfig;
import com.github.loki4j.client.http.Loki4jHttpClient;
import com.github.loki4j.client.http.LokiResponse;
import com.github.loki4j.logback.HttpSender;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes the batches of loki4j. It differs from loki4j's own senders in four points:
 *
 * <ul>
 *   <li>It retries each response that a restarting Loki can give, and no other. loki4j ({@code
 *       AsyncBufferPipeline.checkIfEligibleForRetry}) retries only a refused connection, a timeout,
 *       429 and 503; after one of these it also retries a permanent error, until the last attempt.
 *   <li>It logs once that Loki does not accept log lines, and once that it accepts them again.
 *       loki4j reports each attempt (loki4j issue 284).
 *   <li>It uses {@link HttpURLConnection}. {@code java.net.http.HttpClient} loads 700 more classes,
 *       TLS among them, keeps a thread for its selector, and takes 300 ms to start.
 *   <li>On close it waits for the batch in progress. Right after the sender has taken a batch,
 *       loki4j can find its queue empty and stop too early.
 * </ul>
 */
public final class LokiSender implements HttpSender {
    @Override
    public HttpConfig.Builder getConfig() {
        return HttpConfig.builder();
    }

    @Override
    public Function<HttpConfig, Loki4jHttpClient> getHttpClientFactory() {
        return Client::new;
    }

    @SuppressWarnings("try") // close() throws Exception, as the interface declares
    private static final class Client implements Loki4jHttpClient {
        /** From a Loki that is busy, starting or stopping, or from a proxy in front of it. */
        private static final Set<Integer> TRANSIENT = Set.of(429, 500, 502, 503, 504);

        /** In characters: enough for an error of Loki, too short for the HTML page of a proxy. */
        private static final int MAX_REASON_LENGTH = 200;

        private final HttpConfig config;
        private final URL url;

        /** The sending thread of the appender; null before the first batch. */
        private volatile Thread sender;

        /** Used by the sending thread only. */
        private boolean failing;

        Client(HttpConfig config) {
            this.config = config;
            try {
                url = URI.create(config.pushUrl).toURL();
            } catch (MalformedURLException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public LokiResponse send(ByteBuffer batch) throws Exception {
            sender = Thread.currentThread();
            LokiResponse response;
            try {
                response = post(batch);
            } catch (ConnectException e) {
                report(e.getClass().getSimpleName(), true);
                throw e;
            } catch (IOException e) {
                report(e.toString(), true);
                // loki4j retries this type.
                ConnectException retried = new ConnectException(e.getMessage());
                retried.initCause(e);
                throw retried;
            } catch (RuntimeException e) {
                report(e.toString(), false);
                throw e;
            }
            if (response.status >= 200 && response.status < 300) {
                report(null, false);
                return response;
            }
            String error = "status " + response.status + ' ' + reason(response.body);
            boolean isTransient = TRANSIENT.contains(response.status);
            report(error, isTransient);
            // Thrown, not returned: loki4j keeps the last exception of a batch next to the last
            // response, and would retry a permanent error because of an earlier exception.
            throw isTransient ? new UnavailableException(error) : new RejectedException(error);
        }

        private LokiResponse post(ByteBuffer batch) throws IOException {
            HttpURLConnection connection = (HttpURLConnection) url.openConnection();
            connection.setConnectTimeout((int) config.connectionTimeoutMs);
            connection.setReadTimeout((int) config.requestTimeoutMs);
            connection.setInstanceFollowRedirects(false);
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", config.contentType);
            config.tenantId.ifPresent(
                    tenant -> connection.setRequestProperty("X-Scope-OrgID", tenant));
            connection.setFixedLengthStreamingMode(batch.remaining());
            try (OutputStream body = connection.getOutputStream()) {
                Channels.newChannel(body).write(batch);
            }
            int status = connection.getResponseCode();
            try (InputStream body =
                    status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                // To its end, so that the connection is used again.
                String text =
                        body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
                return new LokiResponse(status, text);
            }
        }

        /** The first line of the response body. */
        private static String reason(String body) {
            String line = body.strip().lines().findFirst().orElse("");
            return line.substring(0, Math.min(line.length(), MAX_REASON_LENGTH));
        }

        /**
         * @param error null when Loki accepted the batch
         * @param retried whether a rejected batch is retried
         */
        private void report(String error, boolean retried) {
            boolean before = failing;
            failing = error != null;
            // Not a constant: Logback loads this class while it is being configured.
            Logger log = LoggerFactory.getLogger(LokiSender.class);
            if (failing && !before) {
                log.warn(
                        "Loki at {} does not accept log lines ({}): they are {}; standard output has"
                                + " all lines",
                        config.pushUrl,
                        error,
                        retried ? "buffered, and the push is retried" : "dropped");
            } else if (before && !failing) {
                log.info("Loki at {} accepts log lines again", config.pushUrl);
            }
        }

        @Override
        public HttpConfig getConfig() {
            return config;
        }

        @Override
        public void close() throws Exception {
            if (sender != null) {
                // loki4j has signalled it to end after its current batch.
                sender.join();
            }
        }
    }

    /** A transient error. loki4j retries this type. */
    private static final class UnavailableException extends ConnectException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String error) {
            super(error);
        }
    }

    /** A permanent error. loki4j drops the batch. */
    private static final class RejectedException extends IOException {
        private static final long serialVersionUID = 1L;

        RejectedException(String error) {
            super(error);
        }
    }
}
