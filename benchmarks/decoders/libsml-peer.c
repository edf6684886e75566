/*
 * Decodes the frames of a file with libsml, over and over, and prints frames per second.
 * Like the decoders beside it, it checks the CRC of each frame and scales each number.
 *
 * The file holds the frames one after another, each after its length in two bytes, low byte first.
 */
#include <math.h>
#include <sml/sml_crc16.h>
#include <sml/sml_file.h>
#include <sml/sml_get_list_response.h>
#include <sml/sml_message.h>
#include <sml/sml_value.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { start_bytes = 8, end_bytes = 8, content_max = 1 << 24 };

static double sum;

static void read_values(sml_file *file) {
  for (int index = 0; index < file->messages_len; index += 1) {
    sml_message *message = file->messages[index];
    if (*message->message_body->tag != SML_MESSAGE_GET_LIST_RESPONSE) continue;
    sml_get_list_response *body = message->message_body->data;
    for (sml_list *entry = body->val_list; entry != NULL; entry = entry->next) {
      if (entry->value == NULL || entry->value->type == SML_TYPE_OCTET_STRING) continue;
      sum += sml_value_to_double(entry->value) * pow(10, entry->scaler ? *entry->scaler : 0);
    }
  }
}

static void decode(unsigned char *frame, int length) {
  int checked = length - 2;
  unsigned crc = sml_crc16_calculate(frame, checked);
  unsigned stated = frame[checked] << 8 | frame[checked + 1];
  if (crc != stated) {
    fprintf(stderr, "libsml refuses a good frame\n");
    exit(1);
  }
  sml_file *file = sml_file_parse(frame + start_bytes, length - start_bytes - end_bytes);
  read_values(file);
  sml_file_free(file);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  static unsigned char content[content_max];
  FILE *stream = fopen(arguments[1], "rb");
  if (stream == NULL) return 2;
  size_t size = fread(content, 1, content_max, stream);
  fclose(stream);
  long wanted = atol(arguments[2]);
  long frames = 0;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  while (frames < wanted) {
    for (size_t at = 0; at + 2 < size; frames += 1) {
      int length = content[at] | content[at + 1] << 8;
      decode(content + at + 2, length);
      at += 2 + length;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  double seconds = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
  printf("%.0f\n", frames / seconds);
  return sum == 0;
}
