<?php
// Receives the webhooks of one session, checks their signatures and logs them. Needs only PHP 8. Behind any web server,
// or for trying out:
//
//     KONEKWA_WEBHOOK_SECRET=whsec_... php -S 127.0.0.1:3000 examples/webhook_receiver.php
//
// The signature is the one of the Standard Webhooks convention (https://www.standardwebhooks.com).
declare(strict_types=1);

const TOLERANCE_S = 300;

// Whether the body is what konekwad sent, within the last minutes.
function is_signed(string $secret, array $server, string $body): bool
{
    $id = $server['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $server['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_S) {
        return false;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    if ($key === false || $key === '') {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // While the secret is being changed there are two signatures, parted by a space.
    foreach (explode(' ', $server['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($expected, $given)) {
            return true;
        }
    }
    return false;
}

// Delivery is at least once: the id says whether an event is known. A file for each is enough for an example.
function is_new(string $id): bool
{
    $folder = sys_get_temp_dir() . '/konekwa-seen-' . posix_getuid();
    @mkdir($folder, 0700);
    $file = @fopen($folder . '/' . preg_replace('/[^A-Za-z0-9_]/', '', $id), 'x');
    return $file !== false && fclose($file);
}

function describe(array $event): string
{
    $data = $event['data'];
    return match ($event['event_type']) {
        'message.received' => ($data['message']['sender'] ?? '') . ' wrote: ' . ($data['message']['content'] ?? ''),
        'session.status' => $data['previous_status'] . ' -> ' . $data['status'],
        default => trim(($data['message_id'] ?? '') . ' ' . ($data['status'] ?? '')),
    };
}

$secret = getenv('KONEKWA_WEBHOOK_SECRET');
if ($secret === false || $secret === '') {
    error_log('KONEKWA_WEBHOOK_SECRET is not set; konekwa webhooks secret SESSION prints it');
    http_response_code(500);
    exit;
}
$body = (string) file_get_contents('php://input');
if (!is_signed($secret, $_SERVER, $body)) {
    error_log('refused: the signature is wrong');
    http_response_code(401);
    exit;
}
$event = json_decode($body, true, 32, JSON_THROW_ON_ERROR);
if (is_new($event['id'])) {
    error_log($event['event_type'] . '  ' . describe($event));
}
http_response_code(204);
