package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HexFormat;

/**
 * One event as one JSON object on one line, for an agent that tails standard output: {@code ts}
 * (RFC 3339, UTC, with nanoseconds), {@code level}, the fields of {@link LogMetadata}, {@code line}
 * ({@link LogLine}). Logback's own {@code ch.qos.logback.classic.encoder.JsonEncoder} has other
 * fields, and its {@code JsonEscapeUtil} escapes each slash.
 */
public final class JsonEncoder extends EncoderBase<ILoggingEvent> {
    // A string: Promtail parses a number as a float, which is exact to 256 ns only.
    private static final DateTimeFormatter RFC_3339_NANOS =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

    /** In bytes; a container runtime splits longer lines. */
    private static final int MAX_CONTAINER_LINE = 16 * 1024;

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder json = new StringBuilder(256).append("{\"ts\":\"");
        RFC_3339_NANOS.formatTo(timestamp(event), json);
        json.append('"');
        field(json, "level", event.getLevel().toString());
        LogMetadata.forEach(event, (name, value) -> field(json, name, value));
        field(json, "line", LogLine.of(event));
        json.append("}\n");
        byte[] line = json.toString().getBytes(StandardCharsets.UTF_8);
        return line.length > MAX_CONTAINER_LINE ? ascii(json) : line;
    }

    /** Docker splits a line at any byte, and corrupts a multi-byte character that it splits. */
    private static byte[] ascii(CharSequence json) {
        StringBuilder ascii = new StringBuilder(json.length() * 2);
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x80) {
                ascii.append(c);
            } else {
                ascii.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return ascii.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Equal to the timestamp that loki4j pushes. */
    private static Instant timestamp(ILoggingEvent event) {
        return Instant.ofEpochMilli(event.getTimeStamp())
                .plusNanos(event.getNanoseconds() % 1_000_000);
    }

    private static void field(StringBuilder json, String name, String value) {
        json.append(",\"").append(name).append("\":\"");
        JsonStringEncoder.getInstance().quoteAsString(value, json);
        json.append('"');
    }
}
