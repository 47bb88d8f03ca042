#ifndef MILLRACE_CCURL_H
#define MILLRACE_CCURL_H

// The macros that check types stand in the way of options that are not constants.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// libcurl sets everything through functions with variable arguments, which Swift cannot call: one function for each
// kind of argument.

static inline CURLcode millrace_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_write(CURL *handle, CURLoption option, curl_write_callback value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode millrace_curl_set_open(CURL *handle, curl_opensocket_callback value) {
  return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline long millrace_curl_status(CURL *handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

static inline void *millrace_curl_owner(CURL *handle) {
  char *owner = 0;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &owner);
  return owner;
}

static inline CURLMcode millrace_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode millrace_multi_set_socket(CURLM *multi, curl_socket_callback value, void *owner) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, owner);
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, value);
}

static inline CURLMcode millrace_multi_set_timer(CURLM *multi, curl_multi_timer_callback value, void *owner) {
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, owner);
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, value);
}

// The next transfer that has ended, with its result; null when there is none.
static inline CURL *millrace_multi_next(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != 0) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return 0;
}

static inline void millrace_curl_start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
